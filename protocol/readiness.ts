/**
 * The question whether a server can serve, in the place of a preface, and its answers: fixed bytes, so that a
 * balancer can be told to send the one and to look for the other. It needs no token.
 */
import {Buffer} from 'node:buffer';

/** As long as the preface. */
export const readinessQuestion = Buffer.from('jangada/?\r\n', 'latin1');

/** `draining`: it is about to stop; `unreadable`: its folder does not answer, or only with errors. */
export const readinessStates = ['ready', 'draining', 'unreadable'] as const;

export type ReadinessState = (typeof readinessStates)[number];

/** All that a server says before it closes the connection. */
export function readinessAnswer(state: ReadinessState): string {
  return `jangada/${state}\r\n`;
}
