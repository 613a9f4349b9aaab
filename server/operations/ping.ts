import {encodeAnswer} from '../../protocol/messages.ts';
import type {Operation} from './exchange.ts';

/** Answers `ping` with `pong`. */
export const ping: Operation<object> = (_request, {output}) =>
  output.send(encodeAnswer('pong', {}));
