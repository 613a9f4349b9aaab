/**
 * `5`: tells whether a client's partial file is the whole file, and sends the rest if not. The server sends the rest only
 * if the partial file is the beginning of the file.
 */
import {displayName} from '../../protocol/display-text.ts';
import {sha1Of} from './hash.ts';
import {withNamedFile} from './named-file.ts';
import {sendBytes} from './send-bytes.ts';
import {type Step, splitAtColon} from './step.ts';
import type {Talk} from './talk.ts';
import {differentPartial, noFile, restIsSent, samePartial} from './texts.ts';

type Partial = {name: string; sha1: string};

export async function cget(answer: string, talk: Talk): Promise<Step | undefined> {
  // An answer without a colon names a partial file without its hash.
  const {name, rest} = splitAtColon(answer) ?? {name: answer, rest: ''};
  const partial = {name, sha1: rest.toLowerCase()};
  const same = await withNamedFile(name, talk, {
    missing: noFile,
    work: async named => (await sha1Of(named, named.file.size, talk)) === partial.sha1,
  });
  if (same === undefined) {
    return undefined;
  }

  await talk.say(same ? samePartial : differentPartial);
  return same ? undefined : size => sendRest(partial, size, talk);
}

async function sendRest({name, sha1}: Partial, answer: string, talk: Talk): Promise<undefined> {
  const size = /^\d+$/.test(answer) ? Number(answer) : Number.NaN;
  await withNamedFile(name, talk, {
    missing: noFile,
    async work(named) {
      const {path, file} = named;
      if (!(size < file.size) || (await sha1Of(named, size, talk)) !== sha1) {
        const {log} = talk.exchange;
        log.write(
          'warn',
          {path: displayName(path)},
          'the partial file of a client is not the beginning of its file',
        );
        await talk.say(noFile);
        return;
      }

      await talk.say(String(file.size - size));
      await sendBytes(named, size, talk);
      await talk.say(restIsSent);
    },
  });
}
