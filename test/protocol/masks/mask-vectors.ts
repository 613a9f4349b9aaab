/** Masks and the names that they match, from `docs/protocol-vectors.json`. */
import {z} from 'zod';
import {pathFromWire} from '../../../protocol/remote-path.ts';

const names = z.array(z.union([z.string(), z.object({base64: z.string()})]));

export const maskVectorsSchema = z.strictObject({
  about: z.string(),
  names,
  cases: z.array(
    z.union([
      z.strictObject({masks: z.array(z.string()), matches: names}),
      z.strictObject({masks: z.array(z.string()), allBut: names}),
    ]),
  ),
});

export const badMasksSchema = z.strictObject({expect: z.string(), masks: z.array(z.string())});

export const namesFirstSchema = z.strictObject({
  about: z.string(),
  cases: z.array(z.strictObject({mask: z.string(), there: z.array(z.string()), sent: z.string()})),
});

/** Each case with all names that its masks match, in the order of `names`. */
export function namesOf({
  names,
  cases,
}: z.infer<typeof maskVectorsSchema>): {masks: string[]; expected: string[]}[] {
  const all = names.map(pathFromWire);
  return cases.map(({masks, ...rest}) => {
    const listed = new Set(('matches' in rest ? rest.matches : rest.allBut).map(pathFromWire));
    return {masks, expected: all.filter(name => listed.has(name) === 'matches' in rest)};
  });
}
