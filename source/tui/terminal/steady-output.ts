/** The terminal to which Ink writes, with all text kept in its columns. */
import {steadyText} from '../../steady-text.ts';

/** `stdout`, whose `write` keeps text in its columns. */
export function steadyOutput(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    const steady = typeof chunk === 'string' ? steadyText(chunk, stdout.columns || 80) : chunk;
    // `write` has several forms; the other arguments are passed on.
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
