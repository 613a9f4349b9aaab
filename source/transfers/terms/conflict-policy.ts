/** The ways to go on when something has the final name. */
export const conflictPolicies = ['fail', 'overwrite', 'rename', 'skip', 'resume', 'newer'] as const;

/**
 * - `fail`: nothing is touched, the transfer fails;
 * - `overwrite`: the new file takes its place when it is complete;
 * - `rename`: the new file is called `name (2).ext`;
 * - `skip`: nothing is fetched;
 * - `resume`: blocks of it that are equal stay, the others are fetched;
 * - `newer`: as `overwrite` if the server's file is newer, else as `skip`.
 */
export type ConflictPolicy = (typeof conflictPolicies)[number];

/** What can be said beforehand about local files that exist; `ask` has each of them asked about. */
export const conflictAnswers = ['ask', 'overwrite', 'rename', 'skip', 'resume', 'newer'] as const;

export type OnConflict = (typeof conflictAnswers)[number];

/** Whether a finished file may take the place of another that has its final name. */
export function mayReplace(policy: ConflictPolicy): boolean {
  return policy === 'overwrite' || policy === 'resume' || policy === 'newer';
}
