import type { Command } from 'commander';
import type { Common } from '../hub.ts';
import { Output } from '../output.ts';

/** The options of the whole command line, seen from any command. */
export function common(command: Command): Common {
  return command.optsWithGlobals<Common>();
}

/** The output that a command's options ask for. */
export function outputOf(command: Command): Output {
  const options = common(command);
  return new Output({ json: options.json ?? false, language: options.lang });
}
