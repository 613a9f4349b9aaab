/** cp on the same machine: the cost of only moving the bytes. */
import path from 'node:path';
import type {Contender} from './contender.ts';

export function cp(name: string): Contender {
  return {
    name: 'cp',
    needs: ['cp'],
    async start({source}) {
      return {
        command: target => ({program: 'cp', args: ['-r', path.join(source, name), target]}),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}
