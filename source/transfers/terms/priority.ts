/** How soon a transfer runs: before all that have a lower priority; among equals its place decides. */

/** The one that runs first comes first. */
export const priorities = ['high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** The number that orders transfers: smaller ones run first. */
export function rankOf(priority: Priority): number {
  return priorities.indexOf(priority);
}

/** The priority above or below; undefined if there is none. */
export function nextPriority(priority: Priority, step: 'raise' | 'lower'): Priority | undefined {
  return priorities[rankOf(priority) + (step === 'raise' ? -1 : 1)];
}
