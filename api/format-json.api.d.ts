// The public surface of @millrace/format-json. Printed by `npm run api`; review every change of it.
