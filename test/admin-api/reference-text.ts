/** The part of a JSON schema that the reference shows. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly description?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly schema: Schema;
}

interface Operation {
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

/** The part of an OpenAPI document that the reference shows. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The admin API's reference in Markdown: every path, then every shape. */
export function referenceText({ paths, components }: ApiDocument): string {
  const requests = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) =>
      describeRequest(`${method.toUpperCase()} ${path}`, operation),
    ),
  );
  const shapes = Object.entries(components.schemas).flatMap(([name, schema]) =>
    schema.properties === undefined && schema.oneOf === undefined
      ? []
      : [`### ${name}`, "", ...describeShape(schema), ""],
  );
  return ["## Requests", "", ...requests, "## Shapes", "", ...shapes].join("\n").trimEnd();
}

function describeRequest(request: string, operation: Operation): string[] {
  const query = operation.parameters.filter((parameter) => parameter.in === "query");
  const body = operation.requestBody?.content["application/json"]?.schema;
  const answer = Object.entries(operation.responses["200"]?.content ?? {});
  const types = answer.map(([type]) => `\`${type}\``).join(" or ");
  const rows = query.map(({ name, schema, description = "" }) => [
    `\`?${name}=\``,
    typeText(schema),
    description,
  ]);
  return [
    `### ${request}`,
    "",
    `${operation.summary}.`,
    "",
    `Answer: ${typeText(answer[0]?.[1].schema ?? {})}, as ${types}.`,
    "",
    ...(rows.length === 0 ? [] : [...table(["parameter", "value", "meaning"], rows), ""]),
    ...(body?.oneOf ?? (body === undefined ? [] : [body])).flatMap((one) => [
      ...table(["in the body", "value", "meaning"], fieldRows(one, "")),
      "",
    ]),
  ];
}

function describeShape(schema: Schema): string[] {
  if (schema.oneOf === undefined)
    return table(["field", "value", "meaning"], fieldRows(schema, ""));
  const variants = schema.oneOf.map(({ properties = {} }) => Object.entries(properties));
  const inAll = (name: string): boolean =>
    name !== "kind" && variants.every((fields) => fields.some(([other]) => other === name));
  const shared = Object.fromEntries((variants[0] ?? []).filter(([name]) => inAll(name)));
  const rows = variants.map((fields) => [
    typeText(fields.find(([name]) => name === "kind")?.[1] ?? {}),
    fields
      .filter(([name]) => name !== "kind" && !inAll(name))
      .map(([name, field]) => `\`${name}\` ${typeText(field)}`)
      .join("; "),
  ]);
  return [
    ...table(["field", "value", "meaning"], fieldRows({ properties: shared }, "")),
    "",
    ...table(["`kind`", "with"], rows),
  ];
}

function fieldRows({ properties = {} }: Schema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const row = [`\`${prefix}${name}\``, typeText(field), field.description ?? ""];
    return field.properties === undefined ? [row] : fieldRows(field, `${prefix}${name}.`);
  });
}

function typeText(schema: Schema): string {
  if (schema.$ref !== undefined) return linkTo(schema.$ref.split("/").at(-1) ?? "");
  if (schema.const !== undefined) return `\`"${String(schema.const)}"\``;
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(" or ");
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}`;
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["anything"]);
  return types.join(" or ");
}

function linkTo(name: string): string {
  return name === "Time" ? "time" : `[${name}](#${name.toLowerCase()})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
