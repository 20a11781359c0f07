// The public surface of @millrace/format-csv. Printed by `npm run api`; review every change of it.
