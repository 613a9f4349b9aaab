/** What to do if the final name is taken. */
export const conflictPolicies = ['fail', 'overwrite', 'rename', 'skip', 'resume', 'newer'] as const;

/**
 * - `fail`: nothing is changed, the transfer fails;
 * - `overwrite`: the new file replaces the old one when it is complete;
 * - `rename`: the new file is named `name (2).ext`;
 * - `skip`: nothing is fetched;
 * - `resume`: equal blocks of the file stay, the others are fetched;
 * - `newer`: as `overwrite` if the server's file is newer, otherwise as `skip`.
 */
export type ConflictPolicy = (typeof conflictPolicies)[number];

/** The choices for local files that exist. `ask`: ask the user about each of them. */
export const conflictAnswers = ['ask', 'overwrite', 'rename', 'skip', 'resume', 'newer'] as const;

export type OnConflict = (typeof conflictAnswers)[number];

/** Whether a finished file may replace another file that has its final name. */
export function mayReplace(policy: ConflictPolicy): boolean {
  return policy === 'overwrite' || policy === 'resume' || policy === 'newer';
}
