/** The fault of a message, in the words of the protocol and not in those of the schema library. */

/** An issue as Zod reports it. */
export type SchemaIssue = {
  readonly code?: string | undefined;
  readonly message: string;
  readonly path: readonly PropertyKey[];
};

const faults: Readonly<Record<string, string>> = {
  invalid_type: 'is missing, or of another type than it has to be',
  invalid_value: 'has none of the values that it can have',
  too_small: 'is too small',
  too_big: 'is too large',
};

/**
 * A sentence about the first of `issues`, without a full stop.
 *
 * @param message what is wrong: `This request`, for example.
 */
export function schemaFault(message: string, issues: readonly SchemaIssue[]): string {
  const [issue] = issues;
  // Checks of our own have sentences of their own.
  if (issue?.code === 'custom') {
    return issue.message;
  }

  const fault = faults[issue?.code ?? ''] ?? 'is not as it has to be';
  const field = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
  return `${message} is not one of the protocol: ${field} ${fault}`;
}
