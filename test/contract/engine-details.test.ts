import { testEngineDetails } from "./engine-details.contract.ts";
import { openFakeSubject, openRealSubject } from "./engine-subjects.ts";

testEngineDetails("the fake engine", openFakeSubject);
testEngineDetails("the real engine", openRealSubject);
