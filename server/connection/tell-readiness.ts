import {readinessAnswer} from '../../protocol/readiness.ts';
import type {Counts} from '../metrics/counts.ts';
import type {Readiness} from '../readiness.ts';
import type {ClientSocket} from './client-socket.ts';

/** Answer a balancer that asks whether the server is ready. */
export async function tellReadiness(
  socket: ClientSocket,
  readiness: Readiness,
  counts: Counts,
): Promise<void> {
  // `nc` ends its side after it has asked.
  socket.allowHalfOpen = true;
  const state = await readiness.state();
  counts.readiness[state]++;
  if (socket.writable) {
    socket.write(readinessAnswer(state));
  }
}
