/** What the server tells a client whose connection it ends for want of requests. */
import {JangadaError} from '../../protocol/errors.ts';

export const noRequest = new JangadaError(
  'timed_out',
  'The client sent no request: the server closes the connection',
);

export const otherNeedsPlace = new JangadaError(
  'timed_out',
  'This connection was idle, and another client needs its place',
);
