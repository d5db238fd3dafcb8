import {
  type Attribute,
  bytesAttribute,
  decodeU8,
  decodeU16,
  decodeU16Network,
  decodeU32,
  u8Attribute,
  u16Attribute,
  u16NetworkAttribute,
  u32Attribute,
} from "./attribute.ts";
import { decodeString, stringAttribute } from "./text-attribute.ts";

/** How the value of an attribute is read and written. */
export interface AttributeCodec<Value> {
  /** Null for the kernel's word for "not set". @throws DecodeError */
  readonly decode: (attribute: Attribute) => Value | null;
  /** Null for a value that stands elsewhere in the message. */
  readonly encode: (type: number, value: Value) => Attribute | null;
}

/** The part of a message that one attribute fills. */
export interface AttributeField<Message> {
  /** Of the attribute. */
  readonly type: number;
  readonly read: (message: Mutable<Message>, attribute: Attribute) => void;
  /** Null where the message has nothing for it. */
  readonly write: (message: Message) => Attribute | null;
}

/** The same message, to be filled. */
export type Mutable<Message> = { -readonly [Key in keyof Message]: Message[Key] };

/** Makes the fields of one kind of message; null in it is an attribute that is not there. */
export function fieldsOf<Message>(): <Key extends keyof Message>(
  type: number,
  key: Key,
  codec: AttributeCodec<NonNullable<Message[Key]>>,
) => AttributeField<Message> {
  return (type, key, { decode, encode }) => ({
    type,
    read(message, attribute) {
      message[key] = decode(attribute) as Message[typeof key];
    },
    write(message) {
      const value = message[key];
      return value === null || value === undefined ? null : encode(type, value);
    },
  });
}

/** Reads attributes into a message; gives those that no field knows. @throws DecodeError */
export function readFields<Message>(
  message: Mutable<Message>,
  attributes: readonly Attribute[],
  fields: ReadonlyMap<number, AttributeField<Message>>,
): readonly Attribute[] {
  return attributes.filter((attribute) => {
    const field = fields.get(attribute.type);
    field?.read(message, attribute);
    return field === undefined;
  });
}

/** The fields by the types of their attributes. */
export function byType<Message>(
  fields: readonly AttributeField<Message>[],
): ReadonlyMap<number, AttributeField<Message>> {
  return new Map(fields.map((field) => [field.type, field]));
}

/** The attributes of a message, in the order of the fields. */
export function writeFields<Message>(
  message: Message,
  fields: readonly AttributeField<Message>[],
): readonly Attribute[] {
  return fields.flatMap((field) => field.write(message) ?? []);
}

export const asBytes: AttributeCodec<Uint8Array> = codec((value) => value, bytesAttribute);
export const asU8: AttributeCodec<number> = codec(decodeU8, u8Attribute);
export const asU16: AttributeCodec<number> = codec(decodeU16, u16Attribute);
/** In network order: ports. */
export const asU16Network: AttributeCodec<number> = codec(decodeU16Network, u16NetworkAttribute);
export const asU32: AttributeCodec<number> = codec(decodeU32, u32Attribute);
export const asText: AttributeCodec<string> = codec(decodeString, stringAttribute);
/** A table's id, which stands in the fixed header when it fits into a byte. */
export const asWideTable: AttributeCodec<number> = codec(decodeU32, (type, table) =>
  table > 0xff ? u32Attribute(type, table) : null,
);
/** The attribute itself, its flags included. */
export const asItself: AttributeCodec<Attribute> = {
  decode: (attribute) => attribute,
  encode: (_, attribute) => attribute,
};

/** A codec that looks at the value alone. */
export function codec<Value>(
  decode: (value: Uint8Array) => Value | null,
  encode: AttributeCodec<Value>["encode"],
): AttributeCodec<Value> {
  return { decode: ({ value }) => decode(value), encode };
}

/** A codec for a value that stands within the attribute in bytes of its own. */
export function bytesCodec<Value>(
  decode: (value: Uint8Array) => Value,
  encode: (value: Value) => Uint8Array,
): AttributeCodec<Value> {
  return codec(decode, (type, value) => bytesAttribute(type, encode(value)));
}
