/** A terminal that Ink writes to, with all text in its columns. */
import {steadyText} from '../../steady-text.ts';

/** All of `stdout` but its `write`, which keeps text in its columns. */
export function steadyOutput(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    const steady = typeof chunk === 'string' ? steadyText(chunk, stdout.columns || 80) : chunk;
    // It has several forms; whatever followed the chunk follows it still.
    return Reflect.apply(stdout.write, stdout, [steady, ...rest]);
  };
  return new Proxy(stdout, {
    get(target, key) {
      if (key === 'write') {
        return write;
      }

      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
