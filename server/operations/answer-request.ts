/** Finds the operation for a request frame, and runs it. */
import type {Buffer} from 'node:buffer';
import {JangadaError} from '../../protocol/errors.ts';
import {
  type CheckedRequests,
  decodePayload,
  type RequestName,
  requestKinds,
} from '../../protocol/messages.ts';
import {requestSchemas} from '../../protocol/requests/request-schemas.ts';
import type {Awaitable} from '../waiting/awaitable.ts';
import {digests} from './digests.ts';
import type {Exchange, Operation} from './exchange.ts';
import {files} from './files.ts';
import {find} from './find.ts';
import {get} from './get.ts';
import {hash} from './hash.ts';
import {list} from './list.ts';
import {ping} from './ping.ts';
import {roots} from './roots.ts';
import {stat} from './stat.ts';

const operations: {[Name in RequestName]: Operation<CheckedRequests[Name]>} = {
  list,
  stat,
  find,
  digests,
  get,
  files,
  roots,
  hash,
  ping,
};

type Answer = (payload: Buffer, exchange: Exchange) => Awaitable<void>;

const answers = new Map<number, Answer>([
  answer('list'),
  answer('stat'),
  answer('find'),
  answer('digests'),
  answer('get'),
  answer('files'),
  answer('roots'),
  answer('hash'),
  answer('ping'),
]);

function answer<Name extends RequestName>(name: Name): [number, Answer] {
  const schema = requestSchemas[name];
  const operation = operations[name];
  return [
    requestKinds[name],
    (payload, exchange) => {
      // The schema of a name gives the request of that name; TypeScript cannot follow this.
      const request = decodePayload(schema, payload, 'bad_request') as CheckedRequests[Name];
      return operation(request, exchange);
    },
  ];
}

/**
 * Check a request and answer it.
 *
 * @throws the JangadaError for the client; also through the promise.
 */
export function answerRequest(kind: number, payload: Buffer, exchange: Exchange): Awaitable<void> {
  const answer = answers.get(kind);
  if (answer === undefined) {
    throw new JangadaError('bad_request', `Unknown request of kind ${kind}`);
  }

  return answer(payload, exchange);
}
