// What text may become markup (Trusted Types): Lit's templates, which are constants of this code, have a policy of their
// own. The library's icons, files of this origin, are parsed by the library; whatever is no such icon is refused.

/** An `svg` of shapes: no script, no style, no link, no handler, no text of anybody's. */
const ICON =
  /^\s*<svg(?:\s+(?:xmlns|viewBox|width|height|fill|aria-hidden|class|role)="[^"<>]*")*\s*>(?:\s*(?:<!--[^<>]*-->|<(?:path|circle|rect|line|polyline|polygon)(?:\s+(?:d|fill|fill-rule|clip-rule|cx|cy|r|x|y|x1|y1|x2|y2|rx|ry|width|height|points)="[^"<>]*")*\s*\/?>(?:<\/(?:path|circle|rect|line|polyline|polygon)>)?))*\s*<\/svg>\s*$/;

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (text: string) => string | null }): unknown;
}

export function trustIconsAlone(): void {
  const { trustedTypes } = window as unknown as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy("default", {
    createHTML: (text) => (ICON.test(text) ? text : null), // null is refused, and told as a violation of the policy
  });
}
