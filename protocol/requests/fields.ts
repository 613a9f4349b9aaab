/**
 * Checks of single fields, for the schemas of requests and of answers. In a file of their own, which no exported
 * type names: users of the library need no types of zod.
 */
import * as z from 'zod';

export const count = z.int().min(0);
export const wirePath = z.union([
  z.string().refine(text => text.isWellFormed(), 'a name that is not UTF-8 travels as base64'),
  z.object({base64: z.base64().max(8192)}),
]);
export const version = z.string().min(1).max(64);
