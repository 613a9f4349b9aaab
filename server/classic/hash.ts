/** `4`: the SHA-1 of the first bytes of a file. */
import {basename} from 'node:path';
import {hashOf} from '../operations/hash.ts';
import {type NamedFile, withNamedFile} from './named-file.ts';
import {splitAtColon} from './step.ts';
import type {Talk} from './talk.ts';
import {fileIsMissing, hashFollows, hashIs, wrongHashQuestion} from './texts.ts';

export async function hash(answer: string, talk: Talk): Promise<undefined> {
  const question = splitAtColon(answer);
  if (question === undefined || !/^\d+$/.test(question.rest)) {
    await talk.say(wrongHashQuestion(answer));
    return;
  }

  const {name, rest: position} = question;
  await withNamedFile(name, talk, {
    missing: fileIsMissing(name, basename(talk.exchange.store.name)),
    async work(named) {
      await talk.say(hashFollows(name, position));
      const sha1 = await sha1Of(named, Number(position), talk);
      await talk.say(hashIs(name, position, sha1));
    },
  });
}

/** The SHA-1 of the first `length` bytes, or of the whole file if it is shorter. */
export function sha1Of({path, file}: NamedFile, length: number, {exchange}: Talk): Promise<string> {
  const question = {algorithm: 'sha1', length: Math.min(length, file.size)} as const;
  // The classic dialogue has no message that says "still working".
  return hashOf({path, file, question}, exchange, () => {});
}
