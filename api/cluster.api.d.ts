// The public surface of @millrace/cluster. Printed by `npm run api`; review every change of it.
