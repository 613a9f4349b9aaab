/**
 * A result that is there at once or comes later. Small files are answered by the thousand, and a
 * promise for each step of each would cost more than the step.
 */
export type Awaitable<Value> = Value | Promise<Value>;

/** `next` of the value: at once if it is there, otherwise when it has come. */
export function andThen<Value, Result>(
  value: Awaitable<Value>,
  next: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
