// What a form has changed of the thing that was looked at.

/** The fields of `draft` that are otherwise than in `before`. Values are compared as JSON, which the service sends them as. */
export function changesOf<T extends object>(draft: T, before: T): Partial<T> {
  const names = (Object.keys(draft) as (keyof T)[]).filter((name) => JSON.stringify(draft[name]) !== JSON.stringify(before[name]));
  return Object.fromEntries(names.map((name) => [name, draft[name]])) as Partial<T>;
}
