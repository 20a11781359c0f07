// The public surface of @millrace/datastream. Printed by `npm run api`; review every change of it.
