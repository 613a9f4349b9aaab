/** A mask that matches only the path `name`. */
export function literalMask(name: string): string {
  return name.replace(/^!|[\\*?[\]{}]/g, '\\$&');
}
