/**
 * The readiness question, which replaces a preface, and its answers. Both are fixed bytes, so that an administrator can
 * configure a balancer to send the question and to expect the answer. The question needs no token.
 */
import {Buffer} from 'node:buffer';

/** Has the length of the preface. */
export const readinessQuestion = Buffer.from('jangada/?\r\n', 'latin1');

/** `draining`: the server is about to stop; `unreadable`: its folder does not answer, or only with errors. */
export const readinessStates = ['ready', 'draining', 'unreadable'] as const;

export type ReadinessState = (typeof readinessStates)[number];

/** The whole answer; the server closes the connection after it. */
export function readinessAnswer(state: ReadinessState): string {
  return `jangada/${state}\r\n`;
}
