/** A thread that makes disk calls, one after the other, for a store whose disk is slow. */
import {parentPort, workerData} from 'node:worker_threads';
import {storeError} from '../../store-errors.ts';
import {shareRoot} from '../root/open-root.ts';
import type {RootHandle} from '../root/root.ts';
import type {CallMessage, CallReply} from './call-messages.ts';
import {type CallArguments, type CallName, type CallResult, callsUnder} from './folder-calls.ts';

// `CallThreads` starts the thread with the handle of the root.
const calls = callsUnder(shareRoot(workerData as RootHandle));

parentPort?.on('message', (message: CallMessage) => {
  try {
    const result = call(message);
    reply({kind: 'result', result}, memoryOf(result));
  } catch (error) {
    const {code, message, cause} = storeError(error, '');
    reply({kind: 'error', code, message, cause: String(cause)});
  }
});

function call<Name extends CallName>({
  name,
  args,
}: {
  name: Name;
  args: CallArguments<Name>;
}): CallResult<Name> {
  return calls[name](...args);
}

/** The memory of a read, which the reply transfers instead of copying it. */
function memoryOf(result: CallResult<CallName>): ArrayBuffer[] {
  const bytes = result instanceof Object && 'bytes' in result ? result.bytes : result;
  return bytes instanceof Uint8Array && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}

function reply(reply: CallReply, memory: ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, memory);
}
