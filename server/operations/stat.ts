import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import {pathToWire} from '../../protocol/remote-path.ts';
import {andThen} from '../waiting/awaitable.ts';
import type {Operation} from './exchange.ts';

/** Answers `stat`: the entry of one path. */
export const stat: Operation<CheckedRequests['stat']> = ({path}, {output, signal, store}) =>
  andThen(store.stat(path, signal), entry =>
    output.send(encodeAnswer('entry', {...entry, name: pathToWire(entry.name)})),
  );
