/**
 * Checks of single fields, for the schemas of requests and answers. They have their own file, which no exported type names,
 * so that users of the library need no Zod types.
 */
import * as z from 'zod';

export const count = z.int().min(0);
export const wirePath = z.union([
  z.string().refine(text => text.isWellFormed(), 'a name that is not UTF-8 must be sent as base64'),
  z.object({base64: z.base64().max(8192)}),
]);
export const version = z.string().min(1).max(64);
