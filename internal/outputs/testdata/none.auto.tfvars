# layerbuild tfvars, schema 1
layers = {}
