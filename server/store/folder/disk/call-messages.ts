/** The messages to and from a thread that makes calls. The thread gets the next call after its reply. */
import type {ErrorCode} from '../../../../protocol/errors.ts';
import type {CallArguments, CallName, CallResult} from './folder-calls.ts';

export type CallMessage = {
  [Name in CallName]: {name: Name; args: CallArguments<Name>};
}[CallName];

export type CallReply =
  | {kind: 'result'; result: CallResult<CallName>}
  | {kind: 'error'; code: ErrorCode; message: string; cause: string};
