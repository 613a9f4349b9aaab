/**
 * A result, or a promise of it. Answers about small files come in thousands, and a promise for each step would cost more
 * than the step.
 */
export type Awaitable<Value> = Value | Promise<Value>;

/** Call `next` with the value: at once, or when the promise resolves. */
export function andThen<Value, Result>(
  value: Awaitable<Value>,
  next: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
