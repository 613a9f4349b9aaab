/** `3`: all files that a mask matches, after their number. */
import {type FoundFiles, findFiles} from './found-files.ts';
import {openNamed} from './named-file.ts';
import {sendBytes} from './send-bytes.ts';
import type {Talk} from './talk.ts';
import {endOfFile, endOfFiles, fileFollows, filesFollow} from './texts.ts';

export async function mget(mask: string, talk: Talk): Promise<undefined> {
  const found = await findFiles(mask, talk.exchange);
  await talk.say(String(found.count));
  if (found.count > 0) {
    await sendAll(found, talk);
  }
}

async function sendAll(found: FoundFiles, talk: Talk): Promise<void> {
  await talk.say(filesFollow);
  for (const name of found.names()) {
    await sendOne(name, talk);
  }

  await talk.say(endOfFiles);
}

/** A file that is gone or unreadable is sent as an empty file, because the client expects the announced number of files. */
async function sendOne(name: string, talk: Talk): Promise<void> {
  const named = await openNamed(name, talk);
  try {
    await talk.say(fileFollows(name, named?.file.size ?? 0));
    if (named !== undefined) {
      await sendBytes(named, 0, talk);
    }
  } finally {
    named?.file.close();
  }

  await talk.say(endOfFile);
}
