/** For each file, the paths of the files that it imports. */
type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * The shortest circle for every file that imports itself through other files: its files in the order of the imports,
 * beginning with the first in the alphabet. Each circle is given once.
 */
export function findCircles(graph: ImportGraph): string[][] {
  const circles = new Map<string, string[]>();
  for (const file of [...graph.keys()].sort()) {
    const circle = shortestCircle(graph, file);
    if (circle !== undefined) {
      const turned = fromItsFirst(circle);
      circles.set(turned.join('\n'), turned);
    }
  }

  return [...circles.values()];
}

/** Search breadth-first, so that the first path back to `start` is a shortest one. */
function shortestCircle(graph: ImportGraph, start: string): string[] | undefined {
  const importers = new Map<string, string>();
  const waiting = [start];
  for (const file of waiting) {
    for (const imported of graph.get(file) ?? []) {
      if (imported === start) {
        return wayTo(file, importers);
      }

      if (!importers.has(imported)) {
        importers.set(imported, file);
        waiting.push(imported);
      }
    }
  }

  return undefined;
}

function wayTo(end: string, importers: ReadonlyMap<string, string>): string[] {
  const way: string[] = [];
  for (let file: string | undefined = end; file !== undefined; file = importers.get(file)) {
    way.unshift(file);
  }

  return way;
}

function fromItsFirst(circle: readonly string[]): string[] {
  const first = circle.indexOf([...circle].sort()[0] ?? '');
  return [...circle.slice(first), ...circle.slice(0, first)];
}
