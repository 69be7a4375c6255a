import { testEngine } from "./engine.contract.ts";
import { openFakeSubject, openRealSubject } from "./engine-subjects.ts";

testEngine("the fake engine", openFakeSubject);
testEngine("the real engine", openRealSubject);
