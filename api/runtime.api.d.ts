// The public surface of @millrace/runtime. Printed by `npm run api`; review every change of it.
