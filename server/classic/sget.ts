import {withNamedFile} from './named-file.ts';
import {sendBytes} from './send-bytes.ts';
import type {Talk} from './talk.ts';
import {noFile} from './texts.ts';

/** `2`: one file, its size first. */
export async function sget(name: string, talk: Talk): Promise<undefined> {
  await withNamedFile(name, talk, {
    missing: noFile,
    async work(named) {
      await talk.say(String(named.file.size));
      await sendBytes(named, 0, talk);
    },
  });
}
