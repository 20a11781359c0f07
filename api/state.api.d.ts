// The public surface of @millrace/state. Printed by `npm run api`; review every change of it.
