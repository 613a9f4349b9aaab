import type {Talk} from './talk.ts';

/**
 * One step of a command: takes the client's answer, sends the server's text, and returns the step for the next
 * answer; undefined at the end of the command. `answer` has one character for each byte of a name
 * (protocol/remote-path.ts).
 */
export type Step = (answer: string, talk: Talk) => Promise<Step | undefined>;

/** A step that takes a digit and asks for what `next` needs. */
export function asking(prompt: string, next: Step): Step {
  return async (_digit, talk) => {
    await talk.say(prompt);
    return next;
  };
}

/** Split `NAME:REST` at the last colon, because a name may contain colons; undefined without a colon. */
export function splitAtColon(text: string): {name: string; rest: string} | undefined {
  const colon = text.lastIndexOf(':');
  return colon === -1 ? undefined : {name: text.slice(0, colon), rest: text.slice(colon + 1)};
}
