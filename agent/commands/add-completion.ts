import { Argument, type Command } from "commander";
import { configure, LOCAL } from "./command-options.ts";
import { SHELLS, type Shell } from "./completion-scripts.ts";
import { openOutput } from "./output.ts";

/** `completion`, which prints what a shell reads, and `complete`, which that asks at each TAB. */
export function addCompletion(program: Command): void {
  program
    .command("completion")
    .description("what makes a shell complete holdfast's commands")
    .addArgument(new Argument("<shell>", "which").choices(SHELLS))
    .exitOverride()
    .action(async (shell: Shell) => {
      const { SCRIPTS } = await import("./completion-scripts.ts");
      openOutput("text").print(SCRIPTS[shell]);
    });
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .exitOverride()
    .action(async (words: readonly string[]) => {
      const { complete } = await import("./complete.ts");
      await complete(program, words, openOutput("text"), () => configure({}, LOCAL));
    });
}
