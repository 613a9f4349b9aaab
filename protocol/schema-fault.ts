/** Describes an invalid message in the words of the protocol instead of those of the schema library. */

/** An issue as Zod reports it. */
export type SchemaIssue = {
  readonly code?: string | undefined;
  readonly message: string;
  readonly path: readonly PropertyKey[];
};

const faults: Readonly<Record<string, string>> = {
  invalid_type: 'is missing or has the wrong type',
  invalid_value: 'has a value that is not allowed',
  too_small: 'is too small',
  too_big: 'is too large',
};

/**
 * A sentence about the first of `issues`, without a full stop.
 *
 * @param message the subject of the sentence, such as `This request`.
 */
export function schemaFault(message: string, issues: readonly SchemaIssue[]): string {
  const [issue] = issues;
  // Our own checks have their own sentences.
  if (issue?.code === 'custom') {
    return issue.message;
  }

  const fault = faults[issue?.code ?? ''] ?? 'is not valid';
  const field = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
  return `${message} does not follow the protocol: ${field} ${fault}`;
}
