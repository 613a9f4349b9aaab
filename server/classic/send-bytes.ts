import {blockSize} from '../../protocol/block.ts';
import {refuseChanged} from '../operations/refuse-changed.ts';
import {changed} from '../store/store-errors.ts';
import type {NamedFile} from './named-file.ts';
import type {Talk} from './talk.ts';

/**
 * Send the bytes of an open file, from `from` to its end, as one message; without bytes, no message. While the socket
 * sends one block, the server reads the next one, within the connection's share of the memory for blocks.
 *
 * @throws JangadaError `changed`, after some bytes were sent; `aborted`.
 */
export async function sendBytes({path, file}: NamedFile, from: number, talk: Talk): Promise<void> {
  const {blocks} = talk.exchange;
  if (from >= file.size) {
    return;
  }

  using _sending = blocks.sending();
  await talk.message(async () => {
    for (let at = from; at < file.size; at += blockSize) {
      const buffer = await blocks.wait();
      let handed = false;
      try {
        const bytes = buffer.subarray(0, Math.min(blockSize, file.size - at));
        if ((await file.read(bytes, at)) < bytes.length) {
          throw changed(path);
        }

        await refuseChanged(path, file);
        handed = true;
        await talk.write(bytes, () => blocks.give(buffer));
      } finally {
        if (!handed) {
          blocks.give(buffer);
        }
      }
    }
  });
}
