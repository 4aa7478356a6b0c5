/** The version of the JSON Schemas of the `plan` and `results` outputs. It counts changes that break a reader. */
export const SCHEMA_VERSION = 1;
