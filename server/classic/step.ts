import type {Talk} from './talk.ts';

/**
 * One step of a command: it takes the client's answer, says what there is to say and gives the step that
 * takes the next answer; undefined at the end of the command. A name in `answer` is the string of its
 * bytes (protocol/remote-path.ts).
 */
export type Step = (answer: string, talk: Talk) => Promise<Step | undefined>;

/** A step that takes a digit and asks for what `next` needs. */
export function asking(prompt: string, next: Step): Step {
  return async (_digit, talk) => {
    await talk.say(prompt);
    return next;
  };
}

/** `NAME:REST`, cut at the last colon, for names may have some; undefined without any. */
export function splitAtColon(text: string): {name: string; rest: string} | undefined {
  const colon = text.lastIndexOf(':');
  return colon === -1 ? undefined : {name: text.slice(0, colon), rest: text.slice(colon + 1)};
}
