import {encodeAnswer} from '../../protocol/messages.ts';
import type {Operation} from './exchange.ts';

/** A sign of life. */
export const ping: Operation<object> = (_request, {output}) =>
  output.send(encodeAnswer('pong', {}));
