// The public surface of @millrace/connector-files. Printed by `npm run api`; review every change of it.
