/** How soon a transfer runs: before all transfers of a lower priority. Among equals, the position decides. */

/** The highest priority first. */
export const priorities = ['high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** The number that orders transfers: smaller ones run first. */
export function rankOf(priority: Priority): number {
  return priorities.indexOf(priority);
}

/** The next higher or lower priority; undefined if there is none. */
export function nextPriority(priority: Priority, step: 'raise' | 'lower'): Priority | undefined {
  return priorities[rankOf(priority) + (step === 'raise' ? -1 : 1)];
}
