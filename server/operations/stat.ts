import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import {pathToWire} from '../../protocol/remote-path.ts';
import type {Operation} from './exchange.ts';

/** What one path names. */
export const stat: Operation<CheckedRequests['stat']> = ({path}, {output, store}) => {
  const entry = store.stat(path);
  return output.send(encodeAnswer('entry', {...entry, name: pathToWire(entry.name)}));
};
