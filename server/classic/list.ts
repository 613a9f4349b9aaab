/** `1`: the files of the served folder, one a line. */
import {nameToBytes, rootPath} from '../../protocol/remote-path.ts';
import type {Talk} from './talk.ts';
import {emptyFolder, fileInList} from './texts.ts';

/** The server sends a long list in pieces of so many characters: a folder may have a million files. */
const pieceLength = 32_768;

export async function list(_digit: string, talk: Talk): Promise<undefined> {
  await talk.message(async () => {
    const {signal, store} = talk.exchange;
    let piece = '';
    let files = 0;
    for await (const entries of store.list(rootPath, signal)) {
      for (const {name, size, type} of entries) {
        if (type === 'file') {
          piece += `${files === 0 ? '' : '\n'}${fileInList(name, size)}`;
          files++;
        }
      }

      if (piece.length > pieceLength) {
        await talk.write(nameToBytes(piece));
        await talk.flushed();
        piece = '';
      }
    }

    if (files === 0 || piece !== '') {
      await talk.write(nameToBytes(files === 0 ? emptyFolder : piece));
    }
  });
}
